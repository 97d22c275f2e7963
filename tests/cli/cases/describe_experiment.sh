understudy describe experiment
understudy describe dataset
understudy describe train
