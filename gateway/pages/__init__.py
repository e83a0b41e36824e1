"""What people see in a browser: signing in, allowing applications, accepting an invitation, their account."""
