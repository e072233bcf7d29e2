// One response being read. Beast does the parsing. Private to net/.
#pragma once
#include <boost/beast/http/basic_parser.hpp>
#include <string>

#include "base/secret.hpp"
#include "net/problem.hpp"

namespace tf::net {

class ResponseParser final : private boost::beast::http::basic_parser<false> {
 public:
  ResponseParser(std::size_t max_body, bool to_head);
  ~ResponseParser() { wipe(response_.body.data(), response_.body.size()); }

  Status feed(std::string& input);  // takes what it can use off the front
  Status end();                     // the connection ended: is the response whole?
  [[nodiscard]] bool complete() const { return is_done(); }
  [[nodiscard]] bool started() const { return got_some(); }
  [[nodiscard]] bool keeps_alive() const { return keep_alive(); }
  HttpResponse take() { return std::move(response_); }

 private:
  using field = boost::beast::http::field;
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int status, string_view reason, int version, error_code& ec) override;
  void on_field_impl(field name, string_view text, string_view value, error_code& ec) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code& ec) override;
  void on_finish_impl(error_code&) override {}

  std::size_t max_body_;
  HttpResponse response_;
};

}  // namespace tf::net
