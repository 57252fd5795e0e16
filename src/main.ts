console.log("diagnose502");
