"""What can be asked of a sequence: the table of tasks, one file each."""
