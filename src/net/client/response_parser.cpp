#include "net/client/response_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "net/body.hpp"

namespace tf::net {
namespace http = boost::beast::http;
namespace {

constexpr std::uint32_t kMaxHeader = 16 * 1024;
constexpr std::size_t kMostHeaders = 64;
constexpr std::size_t kLongestUnparsed = 32 * 1024;

Status status_of(boost::beast::error_code ec) {
  if (!ec || ec == http::error::need_more) return {};
  if (ec == http::error::body_limit || ec == http::error::header_limit) {
    return Error{Code::malformed, "net.response_too_large", {}};
  }
  return Error{Code::malformed, "net.response", ec.message()};
}

}  // namespace

ResponseParser::ResponseParser(std::size_t max_body, bool to_head) : max_body_(max_body) {
  eager(true);
  header_limit(kMaxHeader);
  body_limit(max_body);
  skip(to_head);
  response_.content_type.clear();
}

Status ResponseParser::feed(std::string& input) {
  std::size_t used = 0;
  error_code ec;
  while (!ec && !is_done() && used < input.size()) {
    used += put(boost::asio::const_buffer(input.data() + used, input.size() - used), ec);
  }
  drop_used(input, used);
  if (!ec && !is_done() && input.size() > kLongestUnparsed) ec = http::error::header_limit;
  return status_of(ec);
}

Status ResponseParser::end() {
  error_code ec;
  put_eof(ec);
  return status_of(ec);
}

void ResponseParser::on_response_impl(int status, string_view, int, error_code&) { response_.status = status; }

void ResponseParser::on_field_impl(field name, string_view text, string_view value, error_code& ec) {
  if (is_header_done()) return;  // trailers say nothing we listen to
  if (response_.headers.size() == kMostHeaders) ec = http::error::header_limit;
  if (name == field::content_type) {
    response_.content_type.assign(value.data(), value.size());
  } else {
    response_.headers.emplace_back(std::string(text.data(), text.size()), std::string(value.data(), value.size()));
  }
}

std::size_t ResponseParser::on_body_impl(string_view body, error_code& ec) {
  if (response_.body.size() + body.size() > max_body_) {
    ec = http::error::body_limit;
    return 0;
  }
  append_body(response_.body, {body.data(), body.size()});
  return body.size();
}

std::size_t ResponseParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) {
  return on_body_impl(body, ec);
}

}  // namespace tf::net
