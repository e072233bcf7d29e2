// Opening a content with whatever unwraps its key. Private to module.
#pragma once
#include <functional>

#include "module/module.hpp"

namespace tf::module {

// Code::refused "module.content" whatever is wrong with it, so that nobody learns of padding.
Result<SecretBytes> open_content(const Content& content, const std::function<Result<SecretBytes>(Oaep, ByteView)>& unwrap);

}  // namespace tf::module
