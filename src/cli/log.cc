#define SPDLOG_NO_EXCEPTIONS
#define SPDLOG_FMT_EXTERNAL
#define SPDLOG_HEADER_ONLY
#define SPDLOG_NO_THREAD_ID
#define SPDLOG_NO_TLS
#include "cli/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

namespace nsrun::cli {

void log(std::string_view line) {
    static const auto logger = [] {
        auto made = std::make_unique<spdlog::logger>("nsrun", std::make_shared<spdlog::sinks::stderr_sink_st>());
        made->set_pattern("nsrun: %H:%M:%S.%e %v");
        return made;
    }();
    logger->info("{}", line);
}

}  // namespace nsrun::cli
