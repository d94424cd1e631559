"""What is found of facts about which the same was asked again and again."""
