// One request being read. Beast does the parsing; here is what we accept of it. Private to net/.
#pragma once
#include <boost/beast/http/basic_parser.hpp>
#include <string>

#include "net/server/server.hpp"

namespace tf::net {

class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  enum class Progress { need_more, complete, refused };

  RequestParser(const ServerOptions& options, std::size_t max_body_bytes);
  ~RequestParser() { wipe(request_.body.data(), request_.body.size()); }

  // Takes what it can use off the front of input. After complete, what is left belongs to the next request.
  Progress feed(std::string& input);
  [[nodiscard]] bool header_complete() const { return is_header_done(); }
  [[nodiscard]] bool wants_continue() const { return wants_continue_; }
  // For the end of the request, or as far as it came when it was refused.
  HttpRequest take_request() { return std::move(request_); }
  [[nodiscard]] bool is_head() const { return is_head_; }
  [[nodiscard]] bool keeps_alive() const { return is_header_done() && keep_alive(); }
  // Why it was refused.
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  using field = boost::beast::http::field;
  using verb = boost::beast::http::verb;
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(verb method, string_view text, string_view target, int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(field name, string_view text, string_view value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
  std::size_t on_body_impl(string_view body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code& ec) override;
  void on_finish_impl(error_code&) override {}

  void keep(string_view name, std::string_view value);
  void refuse(error_code& ec, int status, Code code, const char* reason);
  Progress refused_by_beast(error_code ec);

  const ServerOptions& options_;
  const std::size_t max_body_bytes_;
  HttpRequest request_;
  std::size_t header_bytes_ = 0;
  int version_ = 0;
  int hosts_ = 0;
  bool has_content_type_ = false;
  bool wants_continue_ = false;
  bool is_head_ = false;
  int status_ = 0;
  Error error_;
};

}  // namespace tf::net
