-- From which network an app has registered, until it is used: unused apps are bounded, and make room by network.
ALTER TABLE sage.oauth_clients ADD COLUMN network text;
