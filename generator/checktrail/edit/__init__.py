"""The few changes that checktrail makes to a checklist by itself, each asked for by a person.

boxes      one item's box, byte for byte                     pure
selection  what somebody typed → the item that is meant      pure
table      the completion table kept between markers         pure
commit     a commit of one file, by the person who asked
"""
