"""What makes the book of its chapters: execution, editions, the site, the commands."""
