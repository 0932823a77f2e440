"""Django finds the models of an app here; nobody else imports this module."""
