"""Prints what ipywidgets sends for a few widgets, references expanded: pip install ipywidgets==8.1.8, then
python ipywidgets-states.py > ipywidgets-states.json
"""
import datetime
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
    "Box": w.Box(),
    "GridBox": w.GridBox(),
    "Tab": w.Tab([slider, text], titles=["one"]),
    "Accordion": w.Accordion([slider, text], titles=["one", "two"], selected_index=1),
    "Stack": w.Stack([slider]),
    "IntText": w.IntText(),
    "FloatText": w.FloatText(2.5),
    "BoundedIntText": w.BoundedIntText(300),
    "BoundedFloatText": w.BoundedFloatText(max=1.5, value=2.0),
    "Play": w.Play(max=7),
    "IntRangeSlider": w.IntRangeSlider(max=63),
    "FloatRangeSlider": w.FloatRangeSlider(value=(20.0, 30.0), min=25),
    "ToggleButton": w.ToggleButton(True, description="on"),
    "Valid": w.Valid(),
    "Select": w.Select(options=["a", "b"], value="b"),
    "RadioButtons": w.RadioButtons(options=["a", "b"]),
    "SelectionSlider": w.SelectionSlider(options=["a", "b"], value="b"),
    "SelectMultiple": w.SelectMultiple(options=["a", "b", "c"], value=["c", "a"]),
    "SelectionRangeSlider": w.SelectionRangeSlider(options=["a", "b", "c"], index=(1, 2)),
    "HTMLMath": w.HTMLMath("$x^2$"),
    "Textarea": w.Textarea(rows=3),
    "Password": w.Password("secret"),
    "Combobox": w.Combobox(options=["a", "b"], value="a", ensure_option=True),
    "ColorPicker": w.ColorPicker(value="#4682b4"),
    "TagsInput": w.TagsInput(value=["a"], allowed_tags=["a", "b"]),
    "ColorsInput": w.ColorsInput(value=["red", "#00ff00"]),
    "IntsInput": w.IntsInput(value=[1, 2], min=0),
    "FloatsInput": w.FloatsInput(value=[1.5]),
    "DatePicker": w.DatePicker(value=datetime.date(2026, 1, 5), min=datetime.date(2026, 2, 28)),
    "TimePicker": w.TimePicker(value=datetime.time(13, 45, 10, 250000), step=1),
    "DatetimePicker": w.DatetimePicker(
        value=datetime.datetime(2026, 12, 31, 23, 59, 58, 7000, tzinfo=datetime.timezone.utc)
    ),
    "NaiveDatetimePicker": w.NaiveDatetimePicker(value=datetime.datetime(2026, 3, 31, 13, 45)),
    "FileUpload": w.FileUpload(accept=".csv"),
    "Image": w.Image(value=b"abc", format="jpeg"),
    "Video": w.Video(width="300"),
    "Audio": w.Audio(),
    "Controller": w.Controller(),
    "AppLayout": w.AppLayout(header=w.Label("a"), center=w.Label("b"), pane_widths=[1, "2fr", "30px"]),
    "AppLayout without a center": w.AppLayout(left_sidebar=w.Label("a"), right_sidebar=w.Label("b")),
    "TwoByTwoLayout": w.TwoByTwoLayout(top_left=w.Label("a"), bottom_right=w.Label("b")),
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


def written(value):
    return {"bytes": list(bytes(value))}


print(json.dumps({name: expand(widget.get_state()) for name, widget in widgets.items()}, indent=1, default=written))
