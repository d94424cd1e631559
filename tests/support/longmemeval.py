"""Instances in the form of LongMemEval, made up."""


def instance(question_id, category="single-session-user", tea="oolong"):
    """Give a question about a tea, with a history of two sessions."""
    return {
        "question_id": question_id,
        "question_type": category,
        "question": "Which tea does Mei like?",
        "answer": tea,
        "question_date": "2023/06/01 (Thu) 08:00",
        "haystack_session_ids": ["chat_1", "answer_1"],
        "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/30 (Tue) 23:40"],
        "haystack_sessions": [
            [
                {"role": "user", "content": "How tall is the tower?"},
                {"role": "assistant", "content": "It is 300 metres tall."},
            ],
            [
                {"role": "user", "content": f"I like {tea} tea.", "has_answer": True},
                {"role": "assistant", "content": "Noted.", "has_answer": False},
            ],
        ],
        "answer_session_ids": ["answer_1"],
    }
