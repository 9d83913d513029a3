"""Prints what ipywidgets sends for a few widgets, references expanded: pip install ipywidgets==8.1.9, then
python ipywidgets-states.py > ipywidgets-states.json
"""
import json

import ipywidgets as w

slider = w.IntSlider(value=9, max=7, description="units", layout={"width": "50%"})
text = w.Text("a")
widgets = {
    "IntSlider": w.IntSlider(),
    "FloatSlider": w.FloatSlider(),
    "FloatLogSlider": w.FloatLogSlider(),
    "Dropdown": w.Dropdown(),
    "Checkbox": w.Checkbox(),
    "Button": w.Button(),
    "Label": w.Label(),
    "HTML": w.HTML(),
    "IntProgress": w.IntProgress(),
    "FloatProgress": w.FloatProgress(),
    "Text": w.Text(),
    "ToggleButtons": w.ToggleButtons(),
    "HBox": w.HBox(),
    "VBox": w.VBox(),
    "Output": w.Output(),
    "clamped slider": slider,
    "raised bounds": w.FloatSlider(min=200, max=300, step=None),
    "power slider": w.FloatLogSlider(value=1e-6, min=-9, max=-7),
    "labeled options": w.Dropdown(options=[("one", 1), ("two", 2)], value=2),
    "first option": w.ToggleButtons(options=["absorb", "ignore"]),
    "styled button": w.Button(description="Stop", icon="stop", button_style="danger", style={"font_weight": "bold"}),
    "boxes": w.HBox([w.VBox([slider]), text]),
    "link": w.jslink((slider, "value"), (text, "value")),
    "directional link": w.jsdlink((slider, "value"), (text, "value")),
}
states = {model: widget.get_state() for model, widget in w.widget._instances.items()}


def expand(value):
    if isinstance(value, str) and value.startswith("IPY_MODEL_"):
        return expand(states[value[len("IPY_MODEL_") :]])
    if isinstance(value, dict):
        return {key: expand(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [expand(item) for item in value]
    return value


print(json.dumps({name: expand(widget.get_state()) for name, widget in widgets.items()}, indent=1))
