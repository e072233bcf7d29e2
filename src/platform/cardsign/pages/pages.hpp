// The pages of cardsign for browsers, and what they load: plain HTML, CSS and JavaScript, in this program. They hold nothing and are the same
// for everybody; what they do goes through /cardsign/v1/ and the browser's extension (docs/browser.md). They call keys, enrol, pay, update, relay,
// and GET /cardsign/v1/account: {user, serial, ends, instruments: [{token, masked, …}]} of whom TLS knows by a card's certificate; 401 or 403
// for anybody else.
#pragma once
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tf::platform {

struct Page {
  std::string_view content_type;  // with charset
  std::string_view body;
};

// "/cardsign/apply", "/cardsign/account", "/cardsign/pay" and "/cardsign/pay/ID", "/cardsign/static/NAME"; nothing for anything else.
std::optional<Page> page(std::string_view path);

// To be sent with every page: no script but these files, no frame around it, nothing kept.
const std::vector<std::pair<std::string_view, std::string_view>>& page_headers();

}  // namespace tf::platform
