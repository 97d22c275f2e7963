understudy --version
