"""Small programs that show how to use Eyeshot. Each is run by a test."""
