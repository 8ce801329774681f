#include <doctest/doctest.h>
#include <nsrun/names.h>

#include <string>

#include "profile/types.h"

namespace {

using namespace nsrun;

template <class T>
std::string round_trip(std::string_view text) {
    T value;
    const Complaint complaint = read_text(text, value);
    return complaint ? "[" + std::string(spelling(complaint.code)) + "]" : write_text(value);
}

std::string path_problem(std::string_view text) {
    PathRule rule;
    return read_text(text, rule).message;
}

}  // namespace

TEST_CASE("sizes are read and written") {
    CHECK(round_trip<ByteSize>("512M") == "512M");
    CHECK(round_trip<ByteSize>("1024K") == "1M");
    CHECK(round_trip<ByteSize>("1000") == "1000");
    CHECK(round_trip<ByteSize>("0") == "0");
    CHECK(round_trip<ByteSize>("") == "[wrong-type]");
    CHECK(round_trip<ByteSize>("M") == "[wrong-type]");
    CHECK(round_trip<ByteSize>("-1M") == "[wrong-type]");
    CHECK(round_trip<ByteSize>("1.5G") == "[wrong-type]");
    CHECK(round_trip<ByteSize>("512MB") == "[wrong-type]");
    CHECK(round_trip<ByteSize>("8388608T") == "[out-of-range]");
    CHECK(round_trip<ByteSize>("99999999999999999999") == "[out-of-range]");
}

TEST_CASE("rates are read and written") {
    CHECK(round_trip<BitRate>("20mbit") == "20mbit");
    CHECK(round_trip<BitRate>("512kbit") == "512kbit");
    CHECK(round_trip<BitRate>("1000mbit") == "1gbit");
    CHECK(round_trip<BitRate>("1000bit") == "1kbit");
    CHECK(round_trip<BitRate>("1001bit") == "1001bit");
    CHECK(round_trip<BitRate>("2tbit") == "2tbit");
    CHECK(round_trip<BitRate>("0") == "0");
    CHECK(round_trip<BitRate>("20") == "[wrong-type]");
    CHECK(round_trip<BitRate>("20Mbit") == "[wrong-type]");
    CHECK(round_trip<BitRate>("20mbps") == "[wrong-type]");
    CHECK(round_trip<BitRate>("7bit") == "[out-of-range]");
    CHECK(round_trip<BitRate>("99999999tbit") == "[out-of-range]");
}

TEST_CASE("published ports are read and written") {
    CHECK(round_trip<PublishRule>("8080:80") == "127.0.0.1:8080:80");
    CHECK(round_trip<PublishRule>("8080:80/tcp") == "127.0.0.1:8080:80");
    CHECK(round_trip<PublishRule>("0.0.0.0:53:5353/udp") == "0.0.0.0:53:5353/udp");
    CHECK(round_trip<PublishRule>("[::1]:8080:80") == "[::1]:8080:80");
    CHECK(round_trip<PublishRule>("[2001:DB8:0:0::7]:65535:1") == "[2001:db8::7]:65535:1");
    CHECK(round_trip<PublishRule>("[::]:1:65535/udp") == "[::]:1:65535/udp");
    CHECK(round_trip<PublishRule>("8080") == "[wrong-type]");
    CHECK(round_trip<PublishRule>("8080:") == "[wrong-type]");
    CHECK(round_trip<PublishRule>(":80") == "[wrong-type]");
    CHECK(round_trip<PublishRule>("+8080:80") == "[wrong-type]");
    CHECK(round_trip<PublishRule>("8080:80/") == "[wrong-type]");
    CHECK(round_trip<PublishRule>("8080:80/udp/tcp") == "[wrong-type]");
    CHECK(round_trip<PublishRule>("0:80") == "[out-of-range]");
    CHECK(round_trip<PublishRule>("8080:65536") == "[out-of-range]");
    CHECK(round_trip<PublishRule>("8080:99999999999999999999") == "[out-of-range]");
    CHECK(round_trip<PublishRule>("::1:8080:80") == "[unknown-value]");
    CHECK(round_trip<PublishRule>("[::1%lo]:8080:80") == "[unknown-value]");
    CHECK(round_trip<PublishRule>("[]:8080:80") == "[unknown-value]");
    CHECK(round_trip<PublishRule>(std::string_view("127.0.0.1\0:1:1", 14)) == "[unknown-value]");
}

TEST_CASE("times are read and written") {
    CHECK(round_trip<Duration>("250ms") == "250ms");
    CHECK(round_trip<Duration>("10s") == "10s");
    CHECK(round_trip<Duration>("120s") == "2m");
    CHECK(round_trip<Duration>("24h") == "1d");
    CHECK(round_trip<Duration>("0") == "0");
    CHECK(round_trip<Duration>("10") == "[wrong-type]");
    CHECK(round_trip<Duration>("s") == "[wrong-type]");
    CHECK(round_trip<Duration>("999999999d") == "[out-of-range]");
}

TEST_CASE("modes are read and written") {
    CHECK(round_trip<FileMode>("0750") == "0750");
    CHECK(round_trip<FileMode>("755") == "0755");
    CHECK(round_trip<FileMode>("1777") == "1777");
    CHECK(round_trip<FileMode>("0888") == "[wrong-type]");
    CHECK(round_trip<FileMode>("rwx") == "[wrong-type]");
    CHECK(round_trip<FileMode>("17777") == "[out-of-range]");
}

TEST_CASE("path rules are read and written") {
    CHECK(round_trip<PathRule>("/srv") == "/srv");
    CHECK(round_trip<PathRule>("-~/x:/y") == "-~/x:/y");
    CHECK(round_trip<PathRule>("/a\\:b:/c") == "/a\\:b:/c");
    PathRule rule;
    REQUIRE_FALSE(read_text("-/a\\:b:/c", rule));
    CHECK(rule == PathRule{true, "/a:b", "/c"});
}

TEST_CASE("bad paths say what is bad") {
    CHECK(path_problem("") == "a path is empty");
    CHECK(path_problem("-") == "a path is empty");
    CHECK(path_problem("srv") == "'srv' is not absolute");
    CHECK(path_problem("/a/../b") == "'/a/../b' goes up with '..'");
    CHECK(path_problem("/a:") == "'/a:' ends with ':'");
    CHECK(path_problem("/a:b") == "'b' is not absolute");
    CHECK(path_problem("/a:/b:/c") == "'/a:/b:/c' has more than one ':'");
    CHECK(path_problem("~root/x") == "'~root/x' names a home by its user");
    CHECK(path_problem(std::string_view("/a\0b", 4)) == "a text with a NUL in it");
    CHECK(path_problem("/a/..b") == "");
}

TEST_CASE("capabilities have two spellings") {
    CHECK(capability_number("CAP_CHOWN") == 0U);
    CHECK(capability_number("checkpoint-restore") == 40U);
    CHECK_FALSE(capability_number("cap"));
    CHECK_FALSE(capability_number("all"));
}

TEST_CASE("signals have names, numbers and real-time ranges") {
    CHECK(signal_number("SIGTERM") == 15);
    CHECK(signal_number("term") == 15);
    CHECK(signal_number("9") == 9);
    CHECK(signal_number("RTMIN") == 34);
    CHECK(signal_number("SIGRTMAX-1") == 63);
    CHECK_FALSE(signal_number("32"));
    CHECK_FALSE(signal_number("0"));
    CHECK_FALSE(signal_number("65"));
    CHECK_FALSE(signal_number("RTMIN-1"));
    CHECK_FALSE(signal_number("SIG"));
}

TEST_CASE("host names follow the rules of the kernel and of DNS") {
    CHECK_FALSE(judge_host_name("a.b-c.example"));
    CHECK(judge_host_name(""));
    CHECK(judge_host_name("a..b"));
    CHECK(judge_host_name("-a"));
    CHECK(judge_host_name("a_b"));
    CHECK(judge_host_name(std::string(65, 'a')));
    CHECK(judge_host_name(std::string(63, 'a') + ".b").message.find("is not a host name") != std::string::npos);
}

TEST_CASE("versions, addresses, users and directory names are judged") {
    CHECK_FALSE(judge_version("6.7"));
    CHECK_FALSE(judge_version("5.14.21"));
    CHECK(judge_version("6."));
    CHECK(judge_version("six"));
    CHECK(judge_version("1.2.3.4"));
    CHECK_FALSE(judge_address("::1"));
    CHECK(judge_address("127.0.0"));
    CHECK_FALSE(judge_run_as("www-data:adm"));
    CHECK(judge_run_as(":adm"));
    CHECK(judge_run_as("a:"));
    CHECK(judge_run_as("a:b:c"));
    CHECK_FALSE(judge_directory_name("a/b"));
    CHECK(judge_directory_name("/a"));
    CHECK(judge_directory_name("a/../b"));
}
