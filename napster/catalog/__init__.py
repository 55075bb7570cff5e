"""What is shared, by whom; and finding it again."""
