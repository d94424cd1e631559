"""`sage scan`: finds secrets in what is stored, and masks them."""
