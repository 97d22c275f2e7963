# The usage is an answer to a mistake here: on stderr, and nothing on stdout.
understudy
