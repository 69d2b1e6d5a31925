"""The review of a chapter: the reviewer's brief, after the chapter's facts."""
