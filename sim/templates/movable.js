"use strict";
// Show the row of the table of combinations that the sliders and lists are set to; without this script there is only the table.
{
  const part = document.getElementById("moved");
  const controls = Array.from(part.querySelectorAll("input, select"));
  const lines = Array.from(part.querySelectorAll("tbody tr"));
  const rows = new Map(
    Array.from(document.querySelectorAll("#combinations tbody tr"), row => [row.dataset.at, Array.from(row.cells)])
  );
  const said = document.getElementById("said");

  const draw = (svg, drawn) => {
    svg.toggleAttribute("hidden", !drawn);
    const [low, mean, high] = (drawn || "0 0 0").split(" ").map(Number);
    svg.querySelector(".reach").setAttribute("x", low);
    svg.querySelector(".reach").setAttribute("width", high - low);
    svg.querySelector(".mean").setAttribute("x", mean - 0.6);
  };

  const show = () => {
    const row = rows.get(controls.map(control => control.value).join(" "));
    const places = row.slice(1, 1 + controls.length).map(cell => cell.textContent);
    const cells = row.slice(1 + controls.length);
    const each = cells.length / lines.length;
    controls.forEach((control, at) => {
      if (control.type === "range") {
        control.setAttribute("aria-valuetext", places[at]);
        control.labels[0].nextElementSibling.textContent = places[at];
      }
    });
    lines.forEach((line, at) => {
      const [value, difference] = cells.slice(each * at);
      line.cells[1].firstChild.textContent = value.textContent;
      draw(line.cells[1].lastChild, value.dataset.drawn);
      if (each === 2) line.cells[2].textContent = difference.textContent;
    });
    said.textContent = `${places.join(", ")}: ${lines[0].cells[0].textContent} ${cells[0].textContent}.`;
  };

  part.addEventListener("input", show);
  part.hidden = false;
  show();
}
