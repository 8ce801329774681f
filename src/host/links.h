#pragma once
#include <nsrun/host.h>

#include <string>
#include <vector>

namespace nsrun {

/// Answers what planning wants to know of the network that nsrun runs in. It changes nothing and sends nothing.
InterfaceFacts survey_links(const std::vector<std::string>& links);

}  // namespace nsrun
