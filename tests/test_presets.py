from vidstyle.presets import PRESETS


def test_the_default_recipe_is_that_of_no_option():
    assert PRESETS["default"].options == {}
