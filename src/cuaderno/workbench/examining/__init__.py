"""The middle of the page *Data*: a file, what the doctor finds in it, a clean copy, and the way back."""
