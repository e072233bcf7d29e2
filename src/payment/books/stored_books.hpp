// The books in the database: a booking is one member of the group commit, an end another. Tables: schema.hpp.
#pragma once
#include "audit/trail.hpp"
#include "payment/books/books.hpp"
#include "payment/notices/notice.hpp"
#include "store/database.hpp"

namespace tf::payment {

struct StoredBooksOptions {
  Limits limits{};
  Subscribes subscribes{};        // none: no merchant is told
  std::function<void()> noticed{};  // after a commit with a notice: the outbox has something. On the writer's thread
  // What operators decided went the other way, an order or a refund of it (transaction is which): written with it. None: only the books say so.
  std::function<Status(store::Session&, const Order&, const std::string& transaction, std::int64_t now_ms)> alarm{};
  std::function<std::int64_t()> now_ms{};  // of that alarm; none: the time of the decision
  audit::Trail* trail = nullptr;  // the end of an order and of a refund is an entry; null: none
};

class StoredBooks final : public Books {
 public:
  // Database, trail and what the options call outlive the books.
  StoredBooks(store::Database& database, StoredBooksOptions options) : database_(database), options_(std::move(options)) {}
  ~StoredBooks() override;  // when what was handed to the database is over

  void book(Order order, Booked done) override;
  void write(const Order& order, State from, Written done) override;
  void contradicted(const Order& order, const std::optional<RefundOrder>& refund, const std::string& said, Written done) override;
  void book_refund(RefundOrder refund, RefundBooked done) override;
  void write_refund(const RefundOrder& refund, Written done) override;
  Result<std::optional<Order>> find(const std::string& user, const std::string& order_number) override;
  Result<std::optional<Order>> find(std::int64_t number) override;
  Result<std::optional<RefundBooking>> find_refund(std::int64_t order, const std::string& refund_number) override;
  Result<Opening> load() override;

 private:
  // What a member is about; it assigns to it, as it may run twice.
  struct Noticed {
    bool any = false;
  };
  Status book_now(store::Session& session, const Order& order, Booking& out, Noticed& noticed) const;
  Status take_limits(store::Session& session, Order& order) const;
  Status give_back_limits(store::Session& session, const Order& order) const;
  Status write_now(store::Session& session, const Order& order, State from, Noticed& noticed) const;
  Status book_refund_now(store::Session& session, const RefundOrder& refund, RefundBooking& out) const;
  Status write_refund_now(store::Session& session, const RefundOrder& refund, Noticed& noticed) const;
  [[nodiscard]] bool is_noticed(const Order& order) const;
  Status ended(store::Session& session, const Order& order, bool noticed) const;
  Status audit(store::Session& session, const Order& order, std::string action, std::string detail, bool done, std::int64_t at_ms) const;
  void told(const Noticed& noticed) const;

  store::Database& database_;
  const StoredBooksOptions options_;
};

}  // namespace tf::payment
