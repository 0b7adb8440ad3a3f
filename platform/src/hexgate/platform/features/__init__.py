"""One folder for each thing that the platform does: `schemas` of its requests and answers, `store` with its tables and all of its
SQL, `service` with its rules, `routes`, and `access` where it says who may come in.
"""
