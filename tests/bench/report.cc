#include "report.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace bench {
namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

std::string json_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "\"" : ", \"") + text + "\"";
    return "[" + list + "]";
}

}  // namespace

void Report::add(const Table& table) {
    std::vector<std::size_t> widths;
    for (std::size_t n = 0; n < table.columns.size(); ++n) {
        std::size_t width = table.columns[n].size();
        for (const auto& row : table.rows) width = std::max(width, row[n].size());
        widths.push_back(width);
    }
    const auto print = [&](const std::vector<std::string>& cells) {
        for (std::size_t n = 0; n < cells.size(); ++n) std::printf("| %s ", padded(cells[n], widths[n]).c_str());
        std::printf("|\n");
    };
    std::printf("\n### %s\n\n", table.title.c_str());
    print(table.columns);
    for (const std::size_t width : widths) std::printf("| %s ", std::string(width, '-').c_str());
    std::printf("|\n");
    for (const auto& row : table.rows) print(row);
    std::fflush(stdout);
    tables_.push_back(table);
}

void Report::note(const std::string& text) {
    std::printf("\n%s\n", text.c_str());
    std::fflush(stdout);
}

void Report::write_json(const std::string& path) const {
    std::ofstream file(path);
    file << "{\"nsrun_bench\": 1, \"tables\": [";
    for (const Table& table : tables_) {
        file << (&table == tables_.data() ? "\n" : ",\n") << "{\"title\": \"" << table.title
             << "\", \"columns\": " << json_list(table.columns) << ", \"rows\": [";
        for (const auto& row : table.rows) file << (&row == table.rows.data() ? "" : ", ") << json_list(row);
        file << "]}";
    }
    file << "\n]}\n";
}

std::string number(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string interval(const Estimate& estimate, int digits) {
    return number(estimate.low, digits) + " to " + number(estimate.high, digits);
}

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string line_of(const std::string& text, const std::string& key) {
    const auto at = text.find(key);
    if (at == text.npos) return "-";
    const auto begin = text.find_first_not_of(" \t", at + key.size());
    return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace bench
