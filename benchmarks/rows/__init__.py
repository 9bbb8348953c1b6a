"""One module for each row of the table: `row()` is a context manager that prepares the data, yields a Row, and cleans up."""
