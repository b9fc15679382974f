//! The people of a run: tokens for them, the conversations they are in, and the readers that follow along.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::follow::{Follower, Manner, Topic};
use crate::http::Api;
use crate::token::Signer;
use crate::world::World;

/// The people of a run. Needs a `LocalSet` around it; dropped, all readers end.
#[derive(Debug)]
pub struct People {
    /// What they share.
    pub world: Rc<World>,
    signer: Signer,
    address: SocketAddr,
    rooms: RefCell<Vec<Uuid>>,
    readers: RefCell<JoinSet<()>>,
}

impl People {
    /// Nobody yet, calling the server at `address`.
    pub fn new(world: Rc<World>, signer: Signer, address: SocketAddr) -> Rc<Self> {
        let (rooms, readers) = (RefCell::default(), RefCell::default());
        Rc::new(People { world, signer, address, rooms, readers })
    }

    /// Calls as somebody.
    pub fn api(&self, role: &str, sub: &str) -> Api {
        Api { address: self.address, token: self.signer.sign(role, sub, sub) }
    }

    /// Lets somebody follow a topic until the run ends or it is gone.
    pub fn follow(&self, api: Api, topic: Topic, manner: Manner) {
        let follower = Follower::new(&self.world, api, topic, manner);
        self.readers.borrow_mut().spawn_local(follower.run());
    }

    /// Notes a conversation that is new.
    pub fn enter(&self, room: Uuid) {
        self.rooms.borrow_mut().push(room);
    }

    /// Notes conversations that are new.
    pub fn enter_all(&self, rooms: Vec<Uuid>) {
        self.rooms.borrow_mut().extend(rooms);
    }

    /// All conversations.
    pub fn rooms(&self) -> Vec<Uuid> {
        self.rooms.borrow().clone()
    }

    /// Forgets a conversation that is to be gone.
    pub fn leave(&self, room: Uuid) {
        self.rooms.borrow_mut().retain(|known| *known != room);
    }

    /// One of the conversations.
    pub fn any_room(&self) -> Option<Uuid> {
        self.world.random.borrow_mut().pick(&self.rooms.borrow()).copied()
    }
}
