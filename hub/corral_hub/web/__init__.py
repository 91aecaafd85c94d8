"""The pages of the dashboard: built files, served as they are."""
