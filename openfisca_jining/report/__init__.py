"""Results for people: console tables, Excel workbooks, charts."""
