"""What every feature stands on, and what knows none of them: problems, requests, the database, letters, passwords."""
