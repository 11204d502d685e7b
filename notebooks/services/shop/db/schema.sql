create table stock (
  item text primary key,
  amount integer not null
);

create table orders (
  id serial primary key,
  item text not null,
  quantity integer not null,
  created timestamptz not null default now()
);

insert into stock values ('widget', 1000), ('gadget', 3);
