/** A process that waits in the kernel nearly always, and prints whenever a timer rings. */

setInterval(() => console.log("rang"), 50);
