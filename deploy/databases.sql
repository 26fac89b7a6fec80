-- Run once by PostgreSQL's first start: DBOS's and Rasa's databases, caches of the first.
CREATE DATABASE bonretour_work;
CREATE DATABASE bonretour_rasa;
