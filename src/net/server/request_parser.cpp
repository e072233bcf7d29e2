#include "net/server/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/core/string.hpp>

#include "net/body.hpp"
#include "net/target.hpp"

namespace tf::net {
namespace http = boost::beast::http;
namespace {

// A chunk header or trailer longer than this without its end is nobody's honest request.
constexpr std::size_t kLongestUnparsed = 16 * 1024;

std::string media_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  std::string out(value);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

RequestParser::RequestParser(const ServerOptions& options, std::size_t max_body_bytes) : options_(options), max_body_bytes_(max_body_bytes) {
  eager(false);  // so that it stops where the header ends, and the header can be measured
  header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  body_limit(max_body_bytes_);
}

RequestParser::Progress RequestParser::feed(std::string& input) {
  std::size_t used = 0;
  while (true) {
    const bool in_header = !is_header_done();
    if (!in_header) eager(true);
    error_code ec;
    const std::size_t taken = put(boost::asio::const_buffer(input.data() + used, input.size() - used), ec);
    used += taken;
    // Beast bounds what it has not yet taken; fields that come one by one are bounded here.
    if (in_header) header_bytes_ += taken;
    if (!ec && header_bytes_ > options_.max_header_bytes) ec = http::error::header_limit;
    if (ec && ec != http::error::need_more) return refused_by_beast(ec);
    if (is_done()) break;
    if (ec == http::error::need_more || used == input.size()) {
      drop_used(input, used);
      if (header_bytes_ + (is_header_done() ? 0 : input.size()) > options_.max_header_bytes) {
        return refused_by_beast(http::error::header_limit);
      }
      return input.size() > kLongestUnparsed ? refused_by_beast(http::error::bad_chunk) : Progress::need_more;
    }
  }
  drop_used(input, used);
  return Progress::complete;
}

RequestParser::Progress RequestParser::refused_by_beast(error_code ec) {
  if (status_ != 0) return Progress::refused;  // it was we who stopped it
  error_ = Error{Code::malformed, "net.http", ec.message()};
  status_ = 400;
  if (ec == http::error::header_limit) {
    error_ = Error{Code::invalid, "net.header_too_large", {}};
    status_ = 431;
  } else if (ec == http::error::body_limit) {
    error_ = Error{Code::invalid, "net.body_too_large", {}};
    status_ = 413;
  } else if (ec == http::error::bad_version) {
    status_ = 505;
  }
  return Progress::refused;
}

void RequestParser::refuse(error_code& ec, int status, Code code, const char* reason) {
  status_ = status;
  error_ = Error{code, reason, {}};
  ec = http::error::bad_value;
}

void RequestParser::on_request_impl(verb method, string_view text, string_view target, int version, error_code& ec) {
  version_ = version;
  switch (method) {
    case verb::get:
    case verb::post:
    case verb::put:
    case verb::delete_:
    case verb::patch:
    case verb::options: request_.method.assign(text.data(), text.size()); break;
    case verb::head:
      is_head_ = true;
      request_.method = "GET";
      break;
    default: return refuse(ec, 501, Code::invalid, "net.method");
  }
  if (target.size() > options_.max_target_bytes) return refuse(ec, 414, Code::invalid, "net.target_too_long");
  const std::string_view written(target.data(), target.size());
  if (!options_.raw_below.empty() && written.starts_with(options_.raw_below)) {
    request_.path = written;
    return;
  }
  auto parsed = net::parse_target(written);
  if (!parsed) return refuse(ec, 400, Code::malformed, "net.target");
  request_.path = std::move(parsed->path);
  request_.query = std::move(parsed->query);
}

void RequestParser::keep(string_view name, std::string_view value) {
  for (const std::string& kept : options_.kept_headers)
    if (boost::beast::iequals(name, string_view(kept.data(), kept.size()))) request_.headers.emplace_back(kept, value);
}

void RequestParser::on_field_impl(field name, string_view name_text, string_view value, error_code& ec) {
  if (is_header_done()) return refuse(ec, 400, Code::malformed, "net.trailer");
  const std::string_view text(value.data(), value.size());
  if (!options_.kept_headers.empty()) keep(name_text, text);
  switch (name) {
    case field::host:
      if (++hosts_ > 1 || text.empty()) return refuse(ec, 400, Code::malformed, "net.host");
      break;
    case field::content_type:
      if (has_content_type_) return refuse(ec, 400, Code::malformed, "net.content_type");
      has_content_type_ = true;
      request_.content_type = media_type(text);
      break;
    case field::transfer_encoding:
      if (version_ < 11) return refuse(ec, 400, Code::malformed, "net.transfer_encoding");
      if (!boost::beast::iequals(value, "chunked")) return refuse(ec, 501, Code::invalid, "net.transfer_encoding");
      break;
    case field::content_encoding: return refuse(ec, 415, Code::invalid, "net.content_encoding");
    case field::expect:
      if (!boost::beast::iequals(value, "100-continue")) return refuse(ec, 417, Code::invalid, "net.expect");
      wants_continue_ = version_ >= 11;
      break;
    default: break;
  }
}

void RequestParser::on_header_impl(error_code& ec) {
  if (version_ >= 11 && hosts_ == 0) refuse(ec, 400, Code::malformed, "net.host");
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  if (length) request_.body.reserve(std::min<std::size_t>(*length, 16 * 1024));
}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
  append_body(request_.body, {body.data(), body.size()});
  return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) {
  if (request_.body.size() + body.size() > max_body_bytes_) {
    ec = http::error::body_limit;
    return 0;
  }
  append_body(request_.body, {body.data(), body.size()});
  return body.size();
}

}  // namespace tf::net
