"""Pure: decisions and placement become a plan of steps; guards may only remove or shrink steps."""
