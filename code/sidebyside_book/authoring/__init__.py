"""New chapters, and the rules that hold for all: `new-chapter` and `check`."""
