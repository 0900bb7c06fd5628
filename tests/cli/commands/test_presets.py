from vidstyle.cli.app import main


def test_presets_are_listed_with_their_source_and_options(capsys):
    assert main(["presets"]) == 0
    told = capsys.readouterr().out
    assert "gatys: Gatys, Ecker and Bethge, CVPR 2016" in told
    assert "  --content-layers conv4_2 --style-layers conv1_1," in told
