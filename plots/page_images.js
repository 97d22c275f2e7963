const images = () => null;
