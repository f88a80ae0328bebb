"use strict";
(function () {
  var presses = [];
  function leave(event) {
    if (event) { event.preventDefault(); }
    document.body.className = "gone";
    document.title = "…";
    window.location.replace("/leave");
  }
  document.addEventListener("keyup", function (event) {
    if (event.key !== "Shift") { presses = []; return; }
    presses = presses.filter(function (at) { return event.timeStamp - at < 5000; });
    presses.push(event.timeStamp);
    if (presses.length >= 3) { leave(null); }
  });
  document.querySelectorAll(".leave").forEach(function (link) { link.addEventListener("click", leave); });
})();
