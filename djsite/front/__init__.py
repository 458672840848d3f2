"""What stands between the web server and Django: bodies, threads and send time-outs of requests."""
