// The endpoint where an e-wallet of the Alipay kind tells what became of an order. Answers exactly "success" once the books
// have it (or had it before); everything else makes the gateway send it again.
#pragma once
#include "frontends/ewallet/settings.hpp"
#include "frontends/notice.hpp"
#include "wire/http.hpp"

namespace tf::frontends::ewallet {

class NotificationHandler {
 public:
  NotificationHandler(Settings settings, Books books) : settings_(std::move(settings)), books_(std::move(books)) {}
  // From any thread. May wait for the books.
  wire::HttpResponse handle(const wire::HttpRequest& request);

 private:
  Status take(const wire::HttpRequest& request);

  const Settings settings_;
  const Books books_;
  Heard heard_;
};

}  // namespace tf::frontends::ewallet
