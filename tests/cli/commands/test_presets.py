from vidstyle.cli.app import main


def test_presets_are_listed_with_their_source_and_options(capsys):
    assert main(["presets"]) == 0
    out = capsys.readouterr().out
    assert "gatys: Gatys, Ecker and Bethge, CVPR 2016" in out
    assert "--content-layers conv4_2 --style-layers conv1_1," in out
