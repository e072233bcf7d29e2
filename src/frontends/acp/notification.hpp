// The endpoint (backUrl) where an ACP gateway tells that a payment succeeded. Answered 200 once the books have it, within the
// gateway's ten seconds; otherwise it comes again, five times in all.
#pragma once
#include "base/ports.hpp"
#include "frontends/acp/messages.hpp"
#include "frontends/notice.hpp"
#include "wire/http.hpp"

namespace tf::frontends::acp {

class NotificationHandler {
 public:
  NotificationHandler(Settings settings, Books books, const Clock& clock)
      : settings_(std::move(settings)), books_(std::move(books)), clock_(clock), verifier_(settings_.trust) {}
  // From any thread. May wait for the books.
  wire::HttpResponse handle(const wire::HttpRequest& request);

 private:
  Status take(const wire::HttpRequest& request);

  const Settings settings_;
  const Books books_;
  const Clock& clock_;
  Verifier verifier_;
  Heard heard_;
};

}  // namespace tf::frontends::acp
