#pragma once
#include <string_view>

/// Answers a question about what a program can reach beyond its files: "name: value" lines. False when the word is none
/// of them. `next`: the word behind.
bool answer_reach(std::string_view word, const char* next);
