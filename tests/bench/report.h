#pragma once
#include "statistics.h"

#include <fstream>
#include <string>
#include <vector>

/// Tables for people (Markdown) and for programs (JSON).
namespace bench {

struct Table {
    std::string title;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

/// Prints each table as soon as it is there, and keeps all for the end.
class Report {
  public:
    void add(const Table& table);
    void note(const std::string& text);
    void write_json(const std::string& path) const;

  private:
    std::vector<Table> tables_;
};

std::string number(double value, int digits);
std::string interval(const Estimate& estimate, int digits);
std::string contents(const std::string& path);
/// What follows `key` on its line in `text`, without the space around.
std::string line_of(const std::string& text, const std::string& key);

}  // namespace bench
