from vidstyle.presets import DEFAULT, STYLE_LAYERS


def test_the_default_recipe_looks_at_the_layers_of_gatys():
    # Gatys et al. 2016, section 3: content from conv4_2, style from the first convolution of every block.
    assert [name for name, _ in DEFAULT.content_layers] == ["block4_conv2"]
    assert tuple(f"block{n}_conv1" for n in range(1, 6)) == STYLE_LAYERS
    assert set(DEFAULT.layers) == {"block4_conv2", *STYLE_LAYERS}
