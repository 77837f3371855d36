// Colours and the width of a terminal would make what is printed depend on where tests run.
process.env.NO_COLOR = "1";
delete process.env.FORCE_COLOR;
